"""Uses the key-value service as any Python program would: with grpcio and generated messages only."""

import signal
import sys
import time

import grpc

from labs.lab3_raft import kv_pb2


class Client:
    """Finds the leader, and asks until it is told what became of its request."""

    def __init__(self, addresses):
        self.channels = [grpc.insecure_channel(address) for address in addresses]
        self.server = 0

    def ask(self, name, request, response_type):
        for _ in range(400):
            call = self.channels[self.server].unary_unary(
                "/quorum.kv.KeyValue/" + name,
                request_serializer=type(request).SerializeToString,
                response_deserializer=response_type.FromString,
            )
            try:
                response = call(request, timeout=0.4)
                if response.outcome not in (kv_pb2.UNKNOWN, kv_pb2.NOT_LEADER):
                    return response
                hint = response.leader_hint
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.INVALID_ARGUMENT:
                    raise
                hint = 0
            self.server = hint - 1 if hint else (self.server + 1) % len(self.channels)
            time.sleep(0.05)
        sys.exit("nobody leads")


def main(addresses):
    client = Client(addresses)
    session = client.ask("OpenSession", kv_pb2.OpenSessionRequest(), kv_pb2.OpenSessionResponse).session
    assert session > 0, session

    def write(sequence, **what):
        number = kv_pb2.RequestId(session=session, sequence=sequence, first_unanswered=1)
        request = kv_pb2.WriteRequest(id=number, key="python", **what)
        return client.ask("Write", request, kv_pb2.WriteResponse)

    first = write(1, append="one;")
    assert first.outcome == kv_pb2.EXECUTED and first.size == 4, first
    assert write(2, append="two;").size == 8
    failed = write(3, cas=kv_pb2.Cas(expected="no", value="yes"))
    assert failed.outcome == kv_pb2.EXECUTED and not failed.done, failed

    print("ready", flush=True)
    signal.sigwait([signal.SIGUSR1])  # and whoever led is dead

    # Asked again: the same answers, whoever gives them.
    assert write(1, append="one;") == first
    assert write(3, cas=kv_pb2.Cas(expected="no", value="yes")) == failed
    got = client.ask("Get", kv_pb2.GetRequest(key="python"), kv_pb2.GetResponse)
    assert got.found and got.value == "one;two;", got
    try:
        write(99, append="three;")
        assert False, "a number far beyond the window was taken"
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
    stranger = kv_pb2.RequestId(session=10**9, sequence=1, first_unanswered=1)
    request = kv_pb2.WriteRequest(id=stranger, key="python", put="")
    assert client.ask("Write", request, kv_pb2.WriteResponse).outcome == kv_pb2.EXPIRED
    print("all as expected", flush=True)


signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
main(sys.argv[1:])
