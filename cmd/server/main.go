// Command server serves TCP connections with a chosen architecture.
// All of it is in internal/cli.
package main

import (
	"os"

	"c1m/internal/cli"
)

func main() { os.Exit(cli.Main("server", os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
