package journal

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestNetworkFileSystemsAreKnown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		magic int64 // from statfs(2)
		want  bool
	}{
		{0x6969, true},      // NFS
		{0xff534d42, true},  // CIFS
		{0xfe534d42, true},  // SMB2
		{0x65735546, true},  // FUSE
		{0x01021997, true},  // 9P
		{0xef53, false},     // ext4
		{0x58465342, false}, // XFS
		{0x9123683e, false}, // Btrfs
		{0x794c7630, false}, // overlay
		{0x01021994, false}, // tmpfs
	}
	for _, test := range tests {
		require.Equal(t, test.want, networked(&unix.Statfs_t{Type: test.magic}), "%#x", test.magic)
	}
	require.False(t, onNetwork(t.TempDir()+"/not/yet/journal.db"))
}
