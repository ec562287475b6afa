"""A ParkingLot on one machine: the same manifest and the same programs as in a cluster, as child processes."""
