"""What must hold when processes are killed, threads collide, and diagrams come from strangers."""
