package proto

import (
	"bufio"
	"net"
	"net/http"

	"github.com/gobwas/ws"
)

// UpgradeHTTP upgrades a request that net/http has read, and takes the
// connection from it. It is the one thing here that does I/O. It returns the
// connection, if it could be taken, and net/http's buffers, in which the first
// frames may be; an error means that the answer was no.
func UpgradeHTTP(w http.ResponseWriter, r *http.Request) (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, _, err := ws.UpgradeHTTP(r, w)
	if err != nil {
		err = &Violation{0, err}
	}
	return conn, buffers, err
}
