"""Holds a lock of a cell with grpcio and the generated messages only: no library of this project.

    protoc --python_out=OUT labs/lab4_lock_service/lock_service.proto
    PYTHONPATH=OUT python3 python_client.py CERTIFICATES NAME PATH HOST:PORT...

Prints its session, its generation, and a line for each KeepAlive, three times; then it releases the
lock and ends the session.
"""

import os
import random
import sys
import time

import grpc

from labs.lab4_lock_service import lock_service_pb2 as pb

# Whatever else comes leaves open whether the request was executed: it is asked again.
ANSWERS = {
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
}


class Cell:
    """Asks the cell's servers in turn until the master answers."""

    def __init__(self, certificates, name, servers):
        def read(file):
            with open(os.path.join(certificates, file), "rb") as opened:
                return opened.read()

        credentials = grpc.ssl_channel_credentials(
            read("ca.crt"), read(name + ".key"), read(name + ".crt")
        )
        self.channels = [grpc.secure_channel(server, credentials) for server in servers]
        self.master = 0

    def ask(self, method, request, response_type, patience=2):
        while True:
            call = self.channels[self.master].unary_unary(
                "/quorum.lock_service.LockService/" + method,
                request_serializer=type(request).SerializeToString,
                response_deserializer=response_type.FromString,
            )
            try:
                return call(request, timeout=patience)
            except grpc.RpcError as error:
                if error.code() in ANSWERS:
                    raise
            self.master = (self.master + 1) % len(self.channels)
            time.sleep(0.02)


class Session:
    """A session and its operations, which are numbered: one asked again is executed once."""

    def __init__(self, cell):
        self.cell = cell
        request = pb.CreateSessionRequest(attempt=random.getrandbits(63))
        sent = time.monotonic()
        response = cell.ask("CreateSession", request, pb.CreateSessionResponse)
        self.number = response.session
        self.epoch = 0  # it caches nothing
        self.next = 1
        # By our clock, which may be off by a thousandth; from when it was asked for.
        self.safe_until = sent + response.lease_ns / 1e9 * 0.999

    def call(self):
        """Of one operation at a time."""
        number, self.next = self.next, self.next + 1
        return pb.Call(session=self.number, number=number, answered_below=number)

    def keep_alive(self, hold):
        request = pb.KeepAliveRequest(session=self.number, hold_ns=int(hold * 1e9))
        sent = time.monotonic()
        response = self.cell.ask("KeepAlive", request, pb.KeepAliveResponse, patience=hold + 1)
        self.safe_until = max(self.safe_until, sent + response.lease_ns / 1e9 * 0.999)

    def is_valid(self):
        return time.monotonic() < self.safe_until


def main(certificates, name, path, *servers):
    cell = Cell(certificates, name, servers)
    session = Session(cell)
    print("session", session.number, flush=True)

    opened = cell.ask(
        "Open",
        pb.OpenRequest(
            call=session.call(), path=path, write=True, create=pb.OpenRequest.IF_ABSENT
        ),
        pb.OpenResponse,
    )
    session.keep_alive(hold=0)
    acquire = pb.AcquireRequest(
        call=session.call(), handle=opened.handle, mode=pb.EXCLUSIVE, patience_ns=int(60e9)
    )
    lock = cell.ask("Acquire", acquire, pb.AcquireResponse, patience=61)
    assert lock.acquired, lock
    print("generation", lock.sequencer.generation, flush=True)

    for _ in range(3):
        # Held by the master, and answered in time to ask another one.
        session.keep_alive(hold=(session.safe_until - time.monotonic()) / 2)
        assert session.is_valid()
        print("alive", flush=True)

    check = pb.CheckSequencerRequest(sequencer=lock.sequencer)
    assert cell.ask("CheckSequencer", check, pb.CheckSequencerResponse).valid
    release = pb.ReleaseRequest(call=session.call(), handle=opened.handle)
    cell.ask("Release", release, pb.ReleaseResponse)
    assert not cell.ask("CheckSequencer", check, pb.CheckSequencerResponse).valid
    cell.ask("EndSession", pb.EndSessionRequest(session=session.number), pb.EndSessionResponse)
    print("ended", flush=True)


main(*sys.argv[1:])
