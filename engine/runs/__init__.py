"""The run folder: the only channel between a worker and everyone else."""
