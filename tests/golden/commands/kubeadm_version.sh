set -eu
path=$(command -v kubeadm || :)
if [ -z "$path" ]; then
  echo 'E: there is no kubeadm in PATH' >&2
  exit 1
fi
echo "$(kubeadm version -o short) $path"
