#!/bin/sh
# Lets contents pass, but for those that have the test string of EICAR: then it says so to Zorp, which tells the client. It
# looks at all of them before it gives the first byte, so that the refusal can stand in their place. Descriptors: 0
# contents in, 1 contents out, 2 log, 3 control channel.

contents=$(mktemp) || exit 1
trap 'rm -f "$contents"' EXIT
cat >"$contents" || exit 1

# The string is written in two parts, so that no scanner takes this file for the virus.
start='X5O!P%@AP[4\PZX54(P^)7CC)7}$'
end='EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'
if grep -qF "$start$end" "$contents"; then
  echo "EICAR in contents of $ZORP_CLIENT" >&2
  printf '0 SETVERDICT\n[8]Verdict\nZ_REJECT\n[]Description\nThe contents have the EICAR test virus\n\n' >&3
  read -r answer <&3 # what follows would only be read when Zorp has heard the verdict
  exit 0
fi
cat "$contents"
