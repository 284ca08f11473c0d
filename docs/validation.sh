#!/bin/sh
# Print the table of validation.md anew. Needs sluice in the PATH, or SLUICE as its path.
set -eu
cd "$(dirname "$0")/.."
page=docs/validation.md
new=$page.new
trap 'rm -f "$new"' EXIT
sed '/^    sh docs\/validation.sh/q' "$page" > "$new"
echo >> "$new"
# Exit status 4: some metric is out of tolerance, which is what the table is to show.
"${SLUICE:-sluice}" validate --format md tests/reference/jobs/*/ >> "$new" || [ $? = 4 ]
mv "$new" "$page"
