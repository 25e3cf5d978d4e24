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
}
