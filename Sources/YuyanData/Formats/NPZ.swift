import CZip
import Foundation
import YuyanCore

/// Reads and writes NumPy's `.npz` files: named arrays, each as an `.npy` file in a zip archive.
///
///     try NPZ.save(["images": x, "labels": y], to: file)  // numpy.load("data.npz")["images"]
///     let arrays = try NPZ.load(from: file)
///
/// Element types are those of `NPY`.
public enum NPZ {
    /// Writes a file whole or not at all, in order of the names, so that the same arrays give the same bytes.
    ///
    /// - Parameter compresses: whether the arrays are deflated, as `numpy.savez_compressed` does, or stored, as `numpy.savez`.
    ///
    /// Throws `DataError` if the file cannot be written. Traps if a name is empty or holds the character 0.
    public static func write(_ arrays: [String: HostArray], to url: URL, compresses: Bool = false) throws(DataError) {
        for name in arrays.keys where name.isEmpty || name.utf8.contains(0) {
            fatalError("NPZ: a name must not be empty or hold the character 0\n  name = \"\(name)\"")
        }
        let archive = try ArchiveWriter(url.path)
        for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
            try archive.add(name + suffix, NPY.encoded(array), compresses: compresses)
        }
        try archive.finish()
        try Files.write(url) { file in try archive.forEachPart { try file.write(contentsOf: $0) } }
    }

    /// Reads all arrays of a file, by their names without `.npy`.
    ///
    /// - Throws: `DataError` if it cannot be read or is malformed: no zip archive, a part of it that is damaged, encrypted,
    ///   packed otherwise than by deflate, there twice, or no `.npy` file as `NPY` reads them. It names file and part.
    public static func read(from url: URL) throws(DataError) -> [String: HostArray] {
        let path = url.path
        let bytes = try Files.read(url)
        guard bytes.starts(with: "PK".utf8) else {
            let kind =
                bytes.isEmpty
                ? "is empty" : bytes.starts(with: NPY.magic) ? "is a single npy file" : "is no zip archive"
            throw DataError(path: path, reason: "\(kind), not an npz file")
        }
        let archive = try ArchiveReader(bytes, path)
        var arrays: [String: HostArray] = [:]
        for index in 0..<archive.count {
            let part = try archive.part(index)
            guard part.name.hasSuffix(suffix) else {
                throw DataError(path: path, reason: "holds \(part.name.abbreviated), which is not an npy file")
            }
            let array = try NPY.decoded(try archive.bytes(of: part), "\(path), \(part.name.abbreviated)")
            if arrays.updateValue(array, forKey: String(part.name.dropLast(suffix.count))) != nil {
                throw DataError(path: path, reason: "holds \(part.name.abbreviated) twice")
            }
        }
        return arrays
    }

    /// Writes tensors; see `write(_:to:compresses:)`.
    public static func save(_ tensors: [String: Tensor], to url: URL, compresses: Bool = false) throws(DataError) {
        try write(tensors.mapValues(\.hostArray), to: url, compresses: compresses)
    }

    /// The tensors of a file, on the current device; see `read(from:)`.
    public static func load(from url: URL) throws(DataError) -> [String: Tensor] {
        try read(from: url).mapValues { Tensor($0) }
    }

    private static let suffix = ".npy"
}

/// A zip archive in memory, read.
private final class ArchiveReader {
    struct Part {
        var index: UInt64
        var name: String
        var byteCount: Int
    }

    let count: UInt64
    private let path: String
    private let memory: UnsafeMutableRawBufferPointer
    private let archive: OpaquePointer

    init(_ bytes: [UInt8], _ path: String) throws(DataError) {
        self.path = path
        memory = .allocate(byteCount: bytes.count, alignment: 1)
        memory.copyBytes(from: bytes)
        var error = zip_error_t()
        zip_error_init(&error)
        let source = zip_source_buffer_create(memory.baseAddress, UInt64(bytes.count), 0, &error)
        guard let source, let archive = zip_open_from_source(source, ZIP_RDONLY, &error) else {
            if let source { zip_source_free(source) }
            memory.deallocate()
            let reason = String(cString: zip_error_strerror(&error))
            zip_error_fini(&error)
            throw DataError(path: path, reason: "is a damaged zip archive: \(reason)")
        }
        self.archive = archive
        count = UInt64(max(zip_get_num_entries(archive, 0), 0))
    }

    deinit {
        zip_discard(archive)
        memory.deallocate()
    }

    private func failure(_ name: String, _ reason: String) -> DataError {
        DataError(path: "\(path), \(name.abbreviated)", reason: reason)
    }

    /// Checks what the archive says of a part before anything is read.
    func part(_ index: UInt64) throws(DataError) -> Part {
        var entry = zip_stat_t()
        guard zip_stat_index(archive, index, 0, &entry) == 0, let text = entry.name else {
            throw DataError(path: path, reason: "is a damaged zip archive: \(String(cString: zip_strerror(archive)))")
        }
        let name = String(cString: text)
        guard entry.encryption_method == ZIP_EM_NONE else { throw failure(name, "is encrypted") }
        let isStored = entry.comp_method == ZIP_CM_STORE
        guard isStored || entry.comp_method == ZIP_CM_DEFLATE else {
            throw failure(
                name, "is packed by method \(entry.comp_method) of zip; stored and deflated parts can be read")
        }
        // Deflate makes at most 1032 bytes of one.
        let isPossible =
            entry.comp_size <= memory.count
            && (isStored ? entry.size == entry.comp_size : entry.size / 1032 <= entry.comp_size)
        guard isPossible else {
            throw failure(name, "cannot have \(entry.size) bytes of \(entry.comp_size) in the archive")
        }
        return Part(index: index, name: name, byteCount: Int(entry.size))
    }

    /// Memory is taken as the bytes come, whatever the archive promises.
    func bytes(of part: Part) throws(DataError) -> [UInt8] {
        guard let file = zip_fopen_index(archive, part.index, 0) else {
            throw failure(part.name, "is damaged: \(String(cString: zip_strerror(archive)))")
        }
        defer { zip_fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(part.byteCount + 1, 1 << 20))
        // The end, where the checksum is compared, is asked for, too.
        while true {
            let count = chunk.withUnsafeMutableBytes { zip_fread(file, $0.baseAddress, UInt64($0.count)) }
            guard count >= 0, bytes.count + Int(count) <= part.byteCount else {
                let reason = count < 0 ? String(cString: zip_file_strerror(file)) : "longer than the archive says"
                throw failure(part.name, "is damaged: \(reason)")
            }
            if count == 0 { break }
            bytes += chunk[..<Int(count)]
        }
        guard bytes.count == part.byteCount else {
            throw failure(part.name, "is damaged: \(bytes.count) bytes instead of \(part.byteCount)")
        }
        return bytes
    }
}

/// A zip archive that is made in memory.
private final class ArchiveWriter {
    private let path: String
    private let target: OpaquePointer
    private var archive: OpaquePointer?
    private var isEmpty = true
    /// libzip makes no archive without parts; this is one: the end of an empty list.
    private static let emptyArchive: [UInt8] = Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 18)

    init(_ path: String) throws(DataError) {
        self.path = path
        var error = zip_error_t()
        zip_error_init(&error)
        guard let target = zip_source_buffer_create(nil, 0, 0, &error) else {
            throw ArchiveWriter.failure(path, &error)
        }
        self.target = target
        archive = zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error)
        guard archive != nil else { throw ArchiveWriter.failure(path, &error) }
        // Closing the archive lets go of it once.
        zip_source_keep(target)
    }

    deinit {
        if let archive { zip_discard(archive) }
        zip_source_free(target)
    }

    func add(_ name: String, _ file: (header: [UInt8], elements: [UInt8]), compresses: Bool) throws(DataError) {
        let count = file.header.count + file.elements.count
        // libzip frees it when the archive is closed.
        guard let memory = malloc(count) else { throw DataError(path: path, reason: "cannot be written: no memory") }
        file.header.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        file.elements.withUnsafeBytes { elements in
            guard let start = elements.baseAddress else { return }
            (memory + file.header.count).copyMemory(from: start, byteCount: elements.count)
        }
        guard let source = zip_source_buffer(archive, memory, UInt64(count), 1) else {
            free(memory)
            throw failure()
        }
        let index = zip_file_add(archive, name, source, UInt32(ZIP_FL_ENC_UTF_8))
        guard index >= 0 else {
            zip_source_free(source)
            throw failure()
        }
        isEmpty = false
        let method = compresses ? ZIP_CM_DEFLATE : ZIP_CM_STORE
        // The first day of zip's calendar, as NumPy does.
        guard zip_set_file_compression(archive, UInt64(index), method, 0) == 0,
            zip_file_set_dostime(archive, UInt64(index), 0, 1 << 5 | 1, 0) == 0
        else { throw failure() }
    }

    func finish() throws(DataError) {
        if isEmpty { return }
        guard zip_close(archive) == 0 else { throw failure() }
        archive = nil
    }

    /// The bytes of the finished archive, some at a time.
    func forEachPart(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
        if isEmpty { return try body(ArchiveWriter.emptyArchive[...]) }
        guard zip_source_open(target) == 0 else { throw ArchiveWriter.failure(path, zip_source_error(target)) }
        defer { zip_source_close(target) }
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = chunk.withUnsafeMutableBytes { zip_source_read(target, $0.baseAddress, UInt64($0.count)) }
            guard count >= 0 else { throw ArchiveWriter.failure(path, zip_source_error(target)) }
            if count == 0 { return }
            try body(chunk[..<Int(count)])
        }
    }

    private func failure() -> DataError {
        DataError(path: path, reason: "cannot be written: \(String(cString: zip_strerror(archive)))")
    }

    private static func failure(_ path: String, _ error: UnsafeMutablePointer<zip_error_t>?) -> DataError {
        DataError(path: path, reason: "cannot be written: \(String(cString: zip_error_strerror(error)))")
    }
}
