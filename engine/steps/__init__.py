"""What an operator does at each step of the road: the functions that screens and command line share."""
