import Foundation

/// Whole files, read and written with errors that name them.
package enum Files {
    /// All bytes of a regular file, which may have `limit` bytes at most.
    package static func read(_ url: URL, limit: Int = .max) throws(DataError) -> [UInt8] {
        _ = try size(of: url, limit: limit)
        do {
            return [UInt8](try Data(contentsOf: url))
        } catch {
            throw DataError(path: url.path, reason: "cannot be read: \(reason(of: error))")
        }
    }

    /// The bytes at the beginning of a regular file, as many as headers have, and the last few.
    static func readEnds(
        _ url: URL, limit: Int
    ) throws(DataError) -> (head: [UInt8], tail: [UInt8], isAll: Bool) {
        let size = try size(of: url, limit: limit)
        let descriptor = uninterrupted { open(url.path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw DataError(path: url.path, reason: "cannot be read: \(systemReason())") }
        defer { close(descriptor) }
        func bytes(_ count: Int, from start: Int) throws(DataError) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            let found = Int(uninterrupted { Int32(pread(descriptor, &bytes, count, off_t(start))) })
            guard found >= 0 else { throw DataError(path: url.path, reason: "cannot be read: \(systemReason())") }
            return Array(bytes[..<found])
        }
        let head = try bytes(min(size, 1 << 16), from: 0)
        let tail = min(size, 16)
        return (head, try bytes(tail, from: size - tail), head.count == size)
    }

    /// The number of bytes of a regular file. Throws if it is something else, or has more than `limit`.
    private static func size(of url: URL, limit: Int) throws(DataError) -> Int {
        let path = url.path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw DataError(path: path, reason: "no such file")
        }
        guard !isFolder.boolValue else { throw DataError(path: path, reason: "is a folder, not a file") }
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)
            // A device or pipe may never end.
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw DataError(path: path, reason: "is not a regular file")
            }
            let size = attributes[.size] as? Int ?? 0
            guard size <= limit else {
                throw DataError(path: path, reason: "has \(size) bytes; files of up to \(limit) bytes can be read")
            }
            return size
        } catch let error as DataError {
            throw error
        } catch {
            throw DataError(path: path, reason: "cannot be read: \(reason(of: error))")
        }
    }

    /// The names in a folder, sorted, without hidden ones. Throws if there is no such folder.
    static func names(in folder: URL) throws(DataError) -> [String] {
        let path = folder.path
        guard FileManager.default.fileExists(atPath: path) else {
            throw DataError(path: path, reason: "no such folder")
        }
        guard isFolder(folder) else { throw DataError(path: path, reason: "is a file, not a folder") }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            throw DataError(path: path, reason: "cannot be read: \(reason(of: error))")
        }
    }

    static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Makes a system call that answers -1 on failure, again if a signal has interrupted it. Foundation does the same where
    /// it reads whole files and where it writes, but not in `synchronize()` and not where it reads from a handle.
    package static func uninterrupted(_ call: () -> Int32) -> Int32 {
        var answer: Int32
        repeat { answer = call() } while answer == -1 && errno == EINTR
        return answer
    }

    /// Whether a file of this name is one that `write` has not finished.
    package static func isTemporary(_ name: String) -> Bool {
        name.hasPrefix(".") && name.hasSuffix(".yuyan.tmp")
    }

    /// Writes a file whole or not at all: into a temporary file in the same folder, which then takes the name.
    package static func write(_ url: URL, _ body: (FileHandle) throws -> Void) throws(DataError) {
        let path = url.path
        let folder = url.deletingLastPathComponent().path
        let number = String(UInt64.random(in: 0 ... .max), radix: 36)
        let temporary = folder + "/." + url.lastPathComponent + "." + number + ".yuyan.tmp"
        let descriptor = uninterrupted { open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw DataError(path: path, reason: "cannot be written: \(systemReason())") }
        do {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try body(handle)
            guard uninterrupted({ fsync(descriptor) }) == 0 else {
                throw DataError(path: path, reason: "cannot be written: \(systemReason())")
            }
            // The disk has all of it: what closing says, such as that a signal came, does not matter.
            try? handle.close()
            guard rename(temporary, path) == 0 else {
                throw DataError(path: path, reason: "cannot be written: \(systemReason())")
            }
        } catch {
            unlink(temporary)
            if let error = error as? DataError { throw error }
            throw DataError(path: path, reason: "cannot be written: \(reason(of: error))")
        }
        // The new name itself must survive a power failure; file systems that cannot do this are no worse off.
        let folderDescriptor = uninterrupted { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        if folderDescriptor >= 0 {
            _ = uninterrupted { fsync(folderDescriptor) }
            close(folderDescriptor)
        }
    }

    /// Writes a folder of files whole or not at all: into a temporary folder beside it, which then takes the name. Throws
    /// if there is anything of that name but an empty folder.
    package static func writeFolder(_ url: URL, _ body: (URL) throws -> Void) throws(DataError) {
        let path = url.path
        func failure(_ reason: String) -> DataError { DataError(path: path, reason: reason) }
        let number = String(UInt64.random(in: 0 ... .max), radix: 36)
        let name = ".\(url.lastPathComponent).\(number).yuyan.tmp"
        let temporary = url.deletingLastPathComponent().appendingPathComponent(name, isDirectory: true)
        guard mkdir(temporary.path, 0o777) == 0 else { throw failure("cannot be written: \(systemReason())") }
        do {
            try body(temporary)
            guard rename(temporary.path, path) == 0 else {
                switch errno {
                case ENOTEMPTY, EEXIST: throw failure("is not empty; name another folder")
                case ENOTDIR: throw failure("is a file, not a folder")
                default: throw failure("cannot be written: \(systemReason())")
                }
            }
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            throw error as? DataError ?? failure("cannot be written: \(reason(of: error))")
        }
    }

    /// A file that grows: a log, of which all but the last entry is whole whatever happens.
    package final class Appending {
        package let url: URL
        private let handle: FileHandle

        /// Creates a file. Throws `DataError` if it cannot be created, or is there already.
        package init(creating url: URL) throws(DataError) {
            self.url = url
            let descriptor = Files.uninterrupted {
                open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
            }
            guard descriptor >= 0 else {
                throw DataError(path: url.path, reason: "cannot be created: \(Files.systemReason())")
            }
            handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        }

        package func append(_ bytes: [UInt8]) throws(DataError) {
            do {
                try handle.write(contentsOf: bytes)
            } catch {
                throw DataError(path: url.path, reason: "cannot be written: \(Files.reason(of: error))")
            }
        }
    }

    /// The system's number for an error of Foundation's, if it tells.
    package static func systemError(_ error: any Error) -> Int32? {
        let error = error as NSError
        let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        if underlying.domain == NSPOSIXErrorDomain { return Int32(underlying.code) }
        switch CocoaError.Code(rawValue: error.code) {
        case .fileReadNoPermission, .fileWriteNoPermission: return EACCES
        case .fileWriteOutOfSpace: return ENOSPC
        default: return nil
        }
    }

    private static func systemReason() -> String { String(cString: strerror(errno)) }

    /// The system's own words where there are any: Foundation's repeat the path and run over lines.
    private static func reason(of error: any Error) -> String {
        if let number = systemError(error) { return String(cString: strerror(number)) }
        let error = error as NSError
        return "\(error.domain) \(error.code)"
    }
}
