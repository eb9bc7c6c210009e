//go:build linux

package engine

import (
	"fmt"
	"net"
	"strconv"

	"c1m/internal/result"
)

// serverArgs is the command line, after the program, of the server of a cell
// that listens at addr.
func serverArgs(spec Spec, addr string) []string {
	args := []string{
		"server",
		"--mode=" + spec.Cell.Mode(),
		"--addr=" + addr,
		"--work=" + spec.Cell.Work,
		"--proto=" + spec.Cell.Protocol,
		"--interval=0s",
		"--format=lines",
		"--run=" + spec.Run,
	}
	args = append(args, pushArgs(spec.Cell)...)
	if spec.Cell.Upgrade != "" {
		args = append(args, "--upgrade="+spec.Cell.Upgrade)
	}
	if spec.Cell.Concurrency > 0 {
		args = append(args, "-c", strconv.Itoa(spec.Cell.Concurrency))
	}
	return args
}

// clientArgs is the command line of every replica of a cell, but for which
// part it has and what it waits for. Connections and rates are those of all
// replicas: each takes its part of them.
func clientArgs(spec Spec, addr string) ([]string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	cell := spec.Cell
	args := []string{
		"client",
		"--conn=" + strconv.Itoa(cell.Conns),
		"--ip=" + host,
		"--port=" + port,
		"-c", strconv.Itoa(cell.Loops),
		"-d", cell.Window.String(),
		"--warmup=" + cell.Warmup.String(),
		"--size=" + strconv.Itoa(cell.Size),
		"--connect-rate=" + strconv.FormatFloat(cell.ConnectRate, 'g', -1, 64),
		"--timeout=" + cell.Timeout.String(),
		"--interval=0s",
		"--format=lines",
		"--run=" + spec.Run,
	}
	if cell.Rate > 0 {
		args = append(args, "--rate="+strconv.FormatFloat(cell.Rate, 'g', -1, 64))
		if cell.Arrivals != "" {
			args = append(args, "--arrivals="+cell.Arrivals)
		}
		if spec.Drain > 0 {
			args = append(args, "--drain="+spec.Drain.String())
		}
	}
	if cell.Rate > 0 || cell.Churn > 0 {
		args = append(args, seedArg(spec))
	}
	return append(args, trafficArgs(cell)...), nil
}

// seedArg tells replicas what to draw from.
func seedArg(spec Spec) string { return "--seed=" + strconv.FormatUint(spec.Seed, 10) }

// replicas is how many replicas a cell's load has.
func replicas(cell result.Cell) int { return max(1, cell.Replicas) }
