set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
directory=/var/backups/drover
run=20261128T065000Z-3f2a
rm -f "$directory/.drover-backup-$run.db"
