#!/bin/sh
# Lets the lines of a client pass to the server and the answers back, until a line has the word in $FORBIDDEN: then it says
# so to Zorp, which cuts both sides off. Descriptors: 0 client, 1 server, 2 log, 3 control channel.

exec 4<&0
cat <&1 >&4 4<&- & # the answers; a shell gives its background commands no descriptor 0 of their own
exec 4<&-

while IFS= read -r line; do
  case $line in
  *"$FORBIDDEN"*)
    echo "a forbidden word from $ZORP_CLIENT to $ZORP_SERVER" >&2
    printf '0 SETVERDICT\n[8]Verdict\nZ_REJECT\n[]Description\nThe word is forbidden here\n\n' >&3
    read -r answer <&3 # what follows would only be read when Zorp has heard the verdict
    exit 0
    ;;
  esac
  printf '%s\n' "$line"
done
