"""A real kubeadm cluster on one machine, for the real-cluster suite."""
