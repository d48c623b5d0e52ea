#!/bin/bash
# .DS_Store, main.lock, "main (conflicted copy)", a dangling symref, a symref branch, CRLF in a ref.
# Source: own idea (Dropbox copies)
. "$(dirname "$0")/prelude.sh"
git init -q r; cd r; git commit -q --allow-empty -m one; git symbolic-ref refs/heads/alias refs/heads/main; git symbolic-ref refs/heads/dangling refs/heads/nowhere; printf '\0\0\0\1Bud1' >.git/refs/heads/.DS_Store; : >.git/refs/heads/main.lock; cp .git/refs/heads/main '.git/refs/heads/main (conflicted copy)'; printf '%s\r\n' "$(git rev-parse HEAD)" >.git/refs/heads/crlf; cd ..
must r; rm 'r/.git/refs/heads/main (conflicted copy)' # git itself stumbles over it when it lists
NOSTATUS=1 same r "junk in refs" ; right "what git lists"
