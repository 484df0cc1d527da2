set -eu
systemctl daemon-reload
moment=$(date +%s)
if ! said=$(systemctl restart kubelet 2>&1); then
  systemctl status kubelet --no-pager --lines=0 >&2 || :
  journal=$(journalctl --unit=kubelet --lines=20 --no-pager --output=cat 2>&1 || :)
  printf '%s\n' "$journal" >&2
  printf 'E: %s\n' "$said" "$(printf '%s\n' "$journal" | tail -n 1)" >&2
  exit 1
fi
echo "restarted_at $moment"
