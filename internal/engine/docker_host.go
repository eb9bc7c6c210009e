//go:build linux

package engine

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

// SharesHost reports whether a platform's containers, with that network, are on
// this host and use its network, so that names and addresses mean the same in
// them as here. If unknown, it returns false.
func SharesHost(ctx context.Context, platform, network string) bool {
	if platform != Docker || network == NetworkBridge {
		return false
	}
	p, t := newPlatform(platform, ContainerConfig{Network: network})
	defer t.spawn.close()
	if answers(ctx, p, t) != nil {
		return false
	}
	var own unix.Utsname
	if unix.Uname(&own) != nil {
		return false
	}
	output, err := t.run(ctx, "info", "--format", "{{.Name}} {{.KernelVersion}}")
	return err == nil && output == fmt.Sprintf("%s %s", unix.ByteSliceToString(own.Nodename[:]), unix.ByteSliceToString(own.Release[:]))
}
