"""What two-layer nets learn: complexities, risk, width, memory, evenness, and the parity of the target."""
