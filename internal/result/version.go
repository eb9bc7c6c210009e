package result

import (
	"encoding/json"
	"fmt"
)

// LineVersion is the version of the tagged lines that this program writes. Readers
// refuse other versions, and lines without one: a field that another version lacks
// would be read as zero, and a check could pass because of it.
const LineVersion = 1

// VersionError is the error for a tagged line of another version.
type VersionError struct {
	Version int // 0: the line has none
}

func (e *VersionError) Error() string {
	if e.Version == 0 {
		return fmt.Sprintf("has no version, and this program reads version %d: use the same build of this program for servers, replicas and bench", LineVersion)
	}
	return fmt.Sprintf("has version %d, and this program reads version %d: use the same build of this program for servers, replicas and bench", e.Version, LineVersion)
}

// versioned is a Line with its version, as encoded.
type versioned struct {
	Version int `json:"v"`
	Line
}

// decode decodes the JSON of a tagged line into a value that contains v. A wrong
// version takes precedence over other errors: it may have other types.
func decode(object string, into any, v *versioned) error {
	err := json.Unmarshal([]byte(object), into)
	if err == nil && v.Version == LineVersion {
		return nil
	}
	version := struct {
		Version int `json:"v"`
	}{}
	if json.Unmarshal([]byte(object), &version) == nil && version.Version != LineVersion {
		return &VersionError{version.Version}
	}
	return err
}
