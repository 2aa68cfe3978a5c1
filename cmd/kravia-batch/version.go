package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the build; without it the module's own version counts.
var version = ""

func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// versionText is the version, and what the program was built from and with.
func versionText() string {
	built := fmt.Sprintf("%s, %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if info, ok := debug.ReadBuildInfo(); ok {
		built = commitOf(info.Settings) + built
	}
	return fmt.Sprintf("kravia-batch %s\n%s\n", programVersion(), built)
}

// commitOf is the commit with its date, "" where the build did not know it.
func commitOf(settings []debug.BuildSetting) string {
	of := map[string]string{}
	for _, s := range settings {
		of[s.Key] = s.Value
	}
	if of["vcs.revision"] == "" {
		return ""
	}
	text := fmt.Sprintf("commit %s of %s, ", of["vcs.revision"], of["vcs.time"])
	if of["vcs.modified"] == "true" {
		text += "with changes, "
	}
	return text
}
