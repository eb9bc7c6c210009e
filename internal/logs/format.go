package logs

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// The first bytes of formats that are not text, and the fix.
var formats = []struct {
	magic, advice string
}{
	{"\x28\xb5\x2f\xfd", "is compressed: decompress it first (zstd -d)"},
	{"\xfd7zXZ\x00", "is compressed: decompress it first (xz -d)"},
	{"BZh", "is compressed: decompress it first (bzip2 -d)"},
	{"\x04\x22\x4d\x18", "is compressed: decompress it first (lz4 -d)"},
	{"PK\x03\x04", "is a zip archive: unpack it first"},
	{"\xff\xfe", "is UTF-16: convert it first (iconv -f UTF-16 -t UTF-8)"},
	{"\xfe\xff", "is UTF-16: convert it first (iconv -f UTF-16 -t UTF-8)"},
	{`{"c1m":`, "is a run file, not a log: bench report prints it"},
}

const (
	gzipMagic = "\x1f\x8b"
	byteOrder = "\ufeff" // some editors write it before UTF-8

	// looked is how many bytes are examined to detect the format of a log. The magic
	// string of a tar archive is at 257.
	looked = 512
	tarAt  = 257
)

// opened returns the text of a log, which may be compressed with gzip, as
// collectors do with older ones. The error names any other format.
func opened(in *bufio.Reader) (*bufio.Reader, error) {
	if start, _ := in.Peek(len(gzipMagic)); string(start) == gzipMagic {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("damaged gzip: %w", err)
		}
		in = bufio.NewReaderSize(z, longest)
	}
	start, _ := in.Peek(looked)
	for _, f := range formats {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return nil, errors.New(f.advice)
		}
	}
	if len(start) == looked && bytes.HasPrefix(start[tarAt:], []byte("ustar")) {
		return nil, errors.New("is a tar archive: unpack it first")
	}
	if wide(start) {
		return nil, errors.New("is UTF-16: convert it first (iconv -f UTF-16 -t UTF-8)")
	}
	if bytes.HasPrefix(start, []byte(byteOrder)) {
		_, _ = in.Discard(len(byteOrder))
	}
	return in, nil
}

// wide reports whether text is UTF-16 without a mark: of ASCII every other
// byte is 0.
func wide(start []byte) bool {
	zeros := [2]int{}
	for i, c := range start {
		if c == 0 {
			zeros[i%2]++
		}
	}
	half := len(start) / 2
	return half >= 8 && (zeros[0] == 0 && zeros[1] > half/2 || zeros[1] == 0 && zeros[0] > half/2)
}

// unwrap returns the container's output if the line is an object with the output in
// "log": the format of Docker's json-file driver
// (https://docs.docker.com/engine/logging/drivers/json-file), and collectors
// write them again with other spaces and in another order.
func unwrap(line string) string {
	if !strings.HasPrefix(line, "{") || !strings.Contains(line, `"log"`) {
		return line
	}
	var entry struct {
		Log string `json:"log"`
	}
	if json.Unmarshal([]byte(line), &entry) != nil || entry.Log == "" {
		return line
	}
	return entry.Log
}

// binary reports whether a line is not text.
func binary(line string) bool { return strings.IndexByte(line, 0) >= 0 }
