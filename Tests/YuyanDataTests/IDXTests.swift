import Foundation
import Testing
import YuyanData

@Suite struct IDXTests {
    @Test func readsPlainAndCompressedFiles() throws {
        let folder = try TemporaryFolder()
        let bytes = idx([2, 3], [1, 2, 3, 4, 5, 6])
        for file in [try folder.write(bytes, "plain"), try folder.write(gzipped(bytes), "compressed")] {
            let (shape, elements) = try IDX.read(contentsOf: file)
            #expect(shape == [2, 3])
            #expect(elements == [1, 2, 3, 4, 5, 6])
        }
    }

    @Test func readsAllMembersOfAGzipFile() throws {
        let folder = try TemporaryFolder()
        let bytes = idx([4], [9, 8, 7, 6])
        let members = try gzipped(Array(bytes[..<5])) + gzipped(Array(bytes[5...]))
        #expect(try IDX.read(contentsOf: folder.write(members + [0, 0, 0], "members")).elements == [9, 8, 7, 6])
        let garbage = try folder.write(members + [1], "garbage")
        #expect(
            failure { _ = try IDX.read(contentsOf: garbage) }?.reason.contains("follow the compressed data") == true)
    }

    @Test(
        arguments: [
            ([], "IDX header is truncated: 0 bytes, 4 needed"),
            ([0, 0], "IDX header is truncated: 2 bytes, 4 needed"),
            ([0, 0, 8, 2, 0, 0, 0, 1], "IDX header is truncated: 8 bytes, 12 needed for 2 axes"),
            ([0, 0, 7, 1, 0, 0, 0, 0], "wrong magic number 0x00000701, IDX bytes begin with 0x000008"),
            ([1, 0, 8, 1, 0, 0, 0, 0], "wrong magic number 0x01000801, IDX bytes begin with 0x000008"),
            ([0, 0, 0x0D, 1, 0, 0, 0, 0], "holds elements of type float32, only unsigned bytes can be read"),
            ([0, 0, 8, 0], "IDX header has 0 axes, 1 to 8 can be read"),
            ([0, 0, 8, 9], "IDX header has 9 axes, 1 to 8 can be read"),
            ([0, 0, 8, 1, 0, 0, 0, 3, 5, 5], "is truncated: sizes [3] need 3 bytes, 2 found"),
            ([0, 0, 8, 1, 0, 0, 0, 1, 5, 5], "has trailing bytes: sizes [1] need 1 bytes, 2 found"),
            ([0, 0, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF], "IDX header has impossible sizes [4294967295]"),
        ] as [([UInt8], String)])
    func refusesMalformedFiles(bytes: [UInt8], reason: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(bytes, "images")
        #expect(failure { _ = try IDX.read(contentsOf: file) } == DataError(path: file.path, reason: reason))
    }

    @Test func refusesSizesWhoseProductOverflows() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(idx([Int](repeating: Int(Int32.max), count: 3), []), "images")
        #expect(
            failure { _ = try IDX.read(contentsOf: file) }?.reason.hasPrefix("IDX header has impossible sizes") == true)
    }

    @Test func refusesTruncatedAndDamagedGzip() throws {
        let folder = try TemporaryFolder()
        let good = try gzipped(idx([5000], (0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }))
        for length in [2, 9, 20, good.count / 2, good.count - 1] {
            let file = try folder.write(Array(good[..<length]), "truncated.gz")
            #expect(
                failure { _ = try IDX.read(contentsOf: file) }?.description
                    == "\(file.path): gzip data is truncated after \(length) bytes")
        }
        var damaged = good
        damaged[good.count - 6] ^= 1  // In the CRC.
        let file = try folder.write(damaged, "damaged.gz")
        #expect(failure { _ = try IDX.read(contentsOf: file) }?.reason.hasSuffix("incorrect data check") == true)
    }

    @Test func stopsDataThatExpandsTooFar() throws {
        let bomb = try gzipped([UInt8](repeating: 0, count: 1 << 20))
        #expect(try Gzip.decompress(bomb, path: "bomb", limit: 1 << 20).count == 1 << 20)
        #expect(
            failure { _ = try Gzip.decompress(bomb, path: "bomb", limit: (1 << 20) - 1) }?.reason
                == "gzip data expands to more than 1048575 bytes")
        #expect(failure { _ = try Gzip.decompress([1, 2], path: "x") }?.reason == "is not gzip data")
    }

    /// What the header does not promise is not expanded: the fault at the end of the data is never found.
    @Test func givesUpDataThatExpandsBeyondItsHeader() throws {
        let folder = try TemporaryFolder()
        var bomb = try gzipped(idx([1000], [UInt8](repeating: 0, count: 1 << 26)))
        bomb[bomb.count - 6] ^= 1  // In the CRC.
        let file = try folder.write(bomb, "bomb.gz")
        #expect(
            failure { _ = try IDX.read(contentsOf: file) }
                == DataError(
                    path: file.path, reason: "has trailing bytes: sizes [1000] need 1000 bytes, more found"))
        #expect(
            failure { _ = try Gzip.decompress(bomb, path: "bomb", limit: 100) }?.reason
                == "gzip data expands to more than 100 bytes")
    }

    /// Memory is taken for what is there, not for what the header promises: these would need 9 million GB.
    @Test func sizesThatLieTakeNoMemory() throws {
        let folder = try TemporaryFolder()
        let sizes = [Int(Int32.max), Int(Int32.max), 2]
        for bytes in [idx(sizes, [1, 2, 3]), try gzipped(idx(sizes, [1, 2, 3]))] {
            let file = try folder.write(bytes, "images")
            #expect(
                failure { _ = try IDX.read(contentsOf: file) }?.reason
                    == "is truncated: sizes \(sizes) need 9223372028264841218 bytes, 3 found")
        }
    }

    @Test func faultsOfCompressedHeaders() throws {
        let folder = try TemporaryFolder()
        for (bytes, reason) in [
            ([], "IDX header is truncated: 0 bytes, 4 needed"),
            ([0, 0, 8], "IDX header is truncated: 3 bytes, 4 needed"),
            ([0, 0, 8, 2, 0, 0, 0, 1], "IDX header is truncated: 8 bytes, 12 needed for 2 axes"),
            ([0, 0, 7, 1, 0, 0, 0, 0], "wrong magic number 0x00000701, IDX bytes begin with 0x000008"),
            ([0, 0, 8, 1, 0, 0, 0, 3, 5, 5], "is truncated: sizes [3] need 3 bytes, 2 found"),
            ([0, 0, 8, 1, 0, 0, 0, 1, 5, 5], "has trailing bytes: sizes [1] need 1 bytes, more found"),
        ] as [([UInt8], String)] {
            let file = try folder.write(gzipped(bytes), "images.gz")
            #expect(failure { _ = try IDX.read(contentsOf: file) } == DataError(path: file.path, reason: reason))
        }
        let empty = try folder.write(gzipped([0, 0, 8, 1, 0, 0, 0, 0]), "empty.gz")
        #expect(try IDX.read(contentsOf: empty).shape == [0])
    }

    @Test func refusesWhatIsNoFile() throws {
        let folder = try TemporaryFolder()
        #expect(failure { _ = try IDX.read(contentsOf: folder.url) }?.reason == "is a folder, not a file")
        let missing = folder.url.appendingPathComponent("missing")
        #expect(
            failure { _ = try IDX.read(contentsOf: missing) } == DataError(path: missing.path, reason: "no such file"))
        let device = URL(fileURLWithPath: "/dev/zero")
        #expect(failure { _ = try IDX.read(contentsOf: device) }?.reason == "is not a regular file")
        let link = folder.url.appendingPathComponent("link")
        let file = try folder.write(idx([1], [7]), "file")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
        #expect(try IDX.read(contentsOf: link).elements == [7])
    }
}
