"""Calls a counter node as any Python program would: with grpcio and generated messages only."""

import sys

import grpc

from common.node.testing import counter_pb2


def method(channel, name, request_type, response_type):
    return channel.unary_unary(
        "/quorum.testing.Counter/" + name,
        request_serializer=request_type.SerializeToString,
        response_deserializer=response_type.FromString,
    )


def main(address):
    with grpc.insecure_channel(address) as channel:
        echo = method(channel, "Echo", counter_pb2.EchoRequest, counter_pb2.EchoResponse)
        response = echo(counter_pb2.EchoRequest(payload=b"hello"), timeout=30)
        assert response.payload == b"hello", response
        assert 10_000 < response.patience_ms <= 31_000, response

        add = method(channel, "Add", counter_pb2.AddRequest, counter_pb2.AddResponse)
        assert add(counter_pb2.AddRequest(amount=4), timeout=30).sum == 4
        assert add(counter_pb2.AddRequest(amount=5), timeout=30).sum == 9

        fail = method(channel, "Fail", counter_pb2.FailRequest, counter_pb2.FailResponse)
        for code in grpc.StatusCode:
            if code == grpc.StatusCode.OK:
                continue
            try:
                fail(counter_pb2.FailRequest(code=code.value[0], message="as asked"), timeout=30)
                assert False, "it failed to fail"
            except grpc.RpcError as error:
                assert error.code() == code, (error.code(), code)
                assert error.details() == "as asked", error.details()

        wait = method(channel, "Wait", counter_pb2.WaitRequest, counter_pb2.WaitResponse)
        try:
            wait(counter_pb2.WaitRequest(milliseconds=60_000), timeout=0.05)
            assert False, "it waited in vain"
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error.code()
    print("all as expected")


main(sys.argv[1])
