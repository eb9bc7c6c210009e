//go:build linux

package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/engine"
	"c1m/internal/host"
)

// doctorFlags are the flags of bench doctor.
type doctorFlags struct {
	conns, replicas, processes count
}

func newDoctor(s streams) *cobra.Command {
	f := doctorFlags{conns: 10000, replicas: 1, processes: 1}
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Compare this machine's limits with what a run needs",
		Long: `Each line is one limit: ok, or not, with a fix. The exit code is 1 if something
would fail.`,
		Example: `  bench doctor
  bench doctor -conns 1M -replicas 53 -c 53`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return f.run(s) },
	}
	grouped(c.Flags(), groupRun, func(flags *pflag.FlagSet) {
		flags.Var(&f.conns, "conns", "connections of all replicas together")
		flags.Var(&f.replicas, "replicas", "client processes that share them")
		flags.VarP(&f.processes, "concurrency", "c", "server processes")
	})
	common(c, "conns", "replicas", "concurrency")
	return c
}

func (f doctorFlags) run(s streams) error {
	for _, v := range []struct {
		flag string
		n    count
	}{{"conns", f.conns}, {"replicas", f.replicas}, {"c", f.processes}} {
		if v.n < 1 {
			return usagef("-%s %d: want at least 1", v.flag, v.n)
		}
	}
	if _, err := host.RaiseDescriptors(); err != nil {
		return noAnswerf("descriptors: %w", err)
	}
	findings := host.Doctor(host.Load{
		Conns: int(f.conns), Replicas: int(f.replicas), ServerProcesses: int(f.processes),
		SourceAddresses: int(f.replicas) * engine.SourceAddresses(int(f.conns), int(f.replicas)), Destinations: 1,
	})
	if err := host.Write(s.out, findings); err != nil {
		return noAnswerf("%w", err)
	}
	for _, finding := range findings {
		if finding.Fails() {
			return silent(exitNo)
		}
	}
	return nil
}
