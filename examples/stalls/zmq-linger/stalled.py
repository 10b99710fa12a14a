"""Sends a message to a collector that is not there. ZeroMQ waits until it has been taken."""
import zmq


def main():
    context = zmq.Context()
    socket = context.socket(zmq.PUSH)
    socket.connect("tcp://127.0.0.1:9")
    socket.send(b"measured: 42")
    print("sent", flush=True)
    socket.close(linger=-1)
    context.term()


if __name__ == "__main__":
    main()
