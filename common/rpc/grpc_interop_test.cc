// Strangers call a node: generated stubs, the health and reflection protocols.

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include "common/node/testing/counter.grpc.pb.h"
#include "common/rpc/grpc_testing.h"
#include "common/rpc/health.pb.h"
#include "common/rpc/reflection.grpc.pb.h"

namespace quorum::testing {
namespace {

using grpc::reflection::v1alpha::ServerReflection;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

class GrpcInterop : public ::testing::Test {
 protected:
  static std::chrono::system_clock::time_point In(std::chrono::milliseconds time) {
    return std::chrono::system_clock::now() + time;
  }

  CounterServer server_;
  std::shared_ptr<grpc::Channel> channel_ =
      grpc::CreateChannel(server_.address(), grpc::InsecureChannelCredentials());
  std::unique_ptr<Counter::Stub> stub_ = Counter::NewStub(channel_);
  grpc::ClientContext context_;
};

TEST_F(GrpcInterop, AGeneratedStubCallsANode) {
  EchoRequest request;
  request.set_payload("hello");
  EchoResponse response;
  context_.set_deadline(In(std::chrono::seconds(30)));
  const grpc::Status status = stub_->Echo(&context_, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.payload(), "hello");
  EXPECT_EQ(response.caller(), "");
  EXPECT_GT(response.patience_ms(), 10'000);
  EXPECT_LE(response.patience_ms(), 31'000);  // gRPC rounds up what it puts on the wire
}

TEST_F(GrpcInterop, AnEmptyMessageIsAMessage) {
  EchoResponse response;
  EXPECT_TRUE(stub_->Echo(&context_, EchoRequest(), &response).ok());
  EXPECT_EQ(response.payload(), "");
  // Without a deadline it waits for some three hundred years.
  EXPECT_GT(response.patience_ms(), 1'000'000'000'000);
}

TEST_F(GrpcInterop, StatusCodesComeThroughUnchanged) {
  for (int code = 1; code <= 16; ++code) {
    grpc::ClientContext context;
    FailRequest request;
    request.set_code(code);
    request.set_message("as asked");
    FailResponse response;
    const grpc::Status status = stub_->Fail(&context, request, &response);
    EXPECT_EQ(status.error_code(), code);
    EXPECT_EQ(status.error_message(), "as asked");
  }
}

TEST_F(GrpcInterop, WhatNobodyServesIsUnimplemented) {
  EchoResponse response;
  EXPECT_EQ(stub_->Absent(&context_, EchoRequest(), &response).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(GrpcInterop, BytesThatAreNoMessageAreAnInvalidArgument) {
  grpc::GenericStub stub(channel_);
  const grpc::Slice slice("\xff\xff\xff");
  grpc::ByteBuffer request(&slice, 1), response;
  grpc::CompletionQueue queue;
  grpc::Status status;
  const auto call =
      stub.PrepareUnaryCall(&context_, "/quorum.testing.Counter/Echo", request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag;
  bool ok;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(GrpcInterop, AStreamWithoutAMessageIsAnInvalidArgument) {
  grpc::GenericStub stub(channel_);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context_, "/quorum.testing.Counter/Echo", &queue);
  void* tag;
  bool ok;
  call->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  call->WritesDone(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(GrpcInterop, ReflectionListsAndDescribesWhatIsServed) {
  const auto stream = ServerReflection::NewStub(channel_)->ServerReflectionInfo(&context_);
  ServerReflectionRequest request;
  ServerReflectionResponse response;
  request.set_list_services("*");
  ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_THAT(names, ::testing::ElementsAre("grpc.health.v1.Health",
                                            "grpc.reflection.v1alpha.ServerReflection",
                                            "quorum.testing.Counter"));
  for (const std::string& name : names) {
    request.set_file_containing_symbol(name);
    ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
    EXPECT_GE(response.file_descriptor_response().file_descriptor_proto_size(), 1) << name;
  }
  request.set_file_by_filename("common/node/testing/counter.proto");
  ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
  EXPECT_EQ(response.file_descriptor_response().file_descriptor_proto_size(), 1);
  request.set_file_containing_symbol("no.such.Thing");
  ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
  EXPECT_EQ(response.error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  ASSERT_TRUE(stream->Write(ServerReflectionRequest()) && stream->Read(&response));
  EXPECT_EQ(response.error_response().error_code(), grpc::StatusCode::UNIMPLEMENTED);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(GrpcInterop, StoppingEndsOpenStreamsAndUnansweredCalls) {
  const auto stream = ServerReflection::NewStub(channel_)->ServerReflectionInfo(&context_);
  ServerReflectionRequest request;
  ServerReflectionResponse response;
  request.set_list_services("*");
  ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
  server_.Stop();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace quorum::testing
