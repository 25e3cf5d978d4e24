import YuyanBackend
import YuyanKernels

extension Recorder {
    /// A recorder that knows modules by `ModulePath`.
    package static func ofModules() -> Recorder {
        // A path takes microseconds to spell; a module keeps its own for as long as the recorder listens.
        var paths: [Int: String] = [:]
        return Recorder {
            let depth = yuyan_module_depth()
            guard depth > 0, let module = yuyan_module_at(depth - 1) else { return "" }
            let key = Int(bitPattern: module)
            if let path = paths[key] { return path }
            let path = ModulePath.current
            paths[key] = path
            return path
        }
    }
}
