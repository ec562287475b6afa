"""Ports: free ones can be had, taken ones are told with their holder."""

import os
import socket

import pytest

from parking.errors import ParkingError
from parking_local.ports import HOST, check_free, free_port


def test_a_free_port_passes() -> None:
    check_free(free_port())


def test_a_taken_port_is_told_with_its_holder() -> None:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(ParkingError, match=rf"port {port} is taken by .+ \(pid {os.getpid()}\)"):
            check_free(port)
