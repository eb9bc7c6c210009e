package proto

import (
	"bufio"
	"net"
	"net/http"

	"github.com/gobwas/ws"
)

// UpgradeHTTP upgrades a request that net/http has read, and hijacks its
// connection. It is the only function of this package that does I/O. It returns the
// connection, if it was hijacked, and net/http's buffers, which may hold the first
// frames; the error is why the upgrade was refused.
func UpgradeHTTP(w http.ResponseWriter, r *http.Request) (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, _, err := ws.UpgradeHTTP(r, w)
	if err != nil {
		err = &Violation{0, err}
	}
	return conn, buffers, err
}
