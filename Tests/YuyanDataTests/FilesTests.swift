import Foundation
import Testing
import YuyanData

@Suite struct FilesTests {
    @Test func interruptedCallsAreRepeatedAndFailedOnesAreNot() {
        var calls = 0
        let answer = Files.uninterrupted {
            calls += 1
            errno = EINTR
            return calls < 3 ? -1 : 7
        }
        #expect(answer == 7 && calls == 3)
        calls = 0
        let failure = Files.uninterrupted {
            calls += 1
            errno = EIO
            return -1
        }
        #expect(failure == -1 && calls == 1)
    }

    /// Whatever fails in the middle: a full disk, or a file that has an error of its own.
    @Test func foldersAreWrittenWholeOrNotAtAll() throws {
        let place = try TemporaryFolder()
        let folder = place.url.appendingPathComponent("pictures", isDirectory: true)
        func write(_ fault: (any Error)?) throws {
            try Files.writeFolder(folder) { temporary in
                try Data([1]).write(to: temporary.appendingPathComponent("a"))
                if let fault { throw fault }
                try Data([2]).write(to: temporary.appendingPathComponent("b"))
            }
        }
        #expect(
            failure { try write(CocoaError(.fileWriteOutOfSpace)) }
                == DataError(path: folder.path, reason: "cannot be written: No space left on device"))
        let own = DataError(path: "a", reason: "is wrong")
        #expect(failure { try write(own) } == own)
        #expect(try place.fileNames == [])
        try write(nil)
        #expect(try place.fileNames == ["pictures"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a", "b"])
    }
}
