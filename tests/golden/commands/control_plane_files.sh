set -eu
for file in /etc/kubernetes/admin.conf /etc/kubernetes/manifests/kube-apiserver.yaml; do
  if [ -r "$file" ]; then
    printf 'file %s %s\n' "$file" "$(base64 <"$file" | tr -d '\n')"
  fi
done
echo end
