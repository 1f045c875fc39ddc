"""What an operator does at each step of the road; screens and command line share it."""
