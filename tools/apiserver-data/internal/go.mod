// Only marks the module's root: versions are those of conformance/control-plane/go.mod, by -modfile.
module real-control-plane

go 1.25.0
