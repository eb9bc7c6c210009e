//go:build linux

package cli

import "github.com/spf13/pflag"

// rowFlags choose the rows of a command that runs several servers.
type rowFlags struct {
	modes   []string
	peers   peerFlags
	execs   pairs
	targets pairs
}

func (f *rowFlags) declare(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.modes, "modes", nil, "`MODES` MODE or MODE:VARIANT; all: every variant; none: only the other rows (default: every mode but uring)")
	f.peers.declare(flags)
	flags.Var(&f.execs, "exec", "`NAME=COMMAND` your server; {addr} or {port} is filled in")
	flags.Var(&f.targets, "target", "`NAME=HOST:PORT` a server that is already running")
}
