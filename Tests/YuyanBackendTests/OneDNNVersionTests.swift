#if OneDNN
    import Foundation
    import Testing
    import YuyanBackend

    @Suite struct OneDNNVersionTests {
        /// `Scripts/test-onednn3.sh` names the version that it built with.
        @Test func isTheOneBuiltWith() throws {
            let version = try #require(Device.oneDNNVersion)
            let expected = ProcessInfo.processInfo.environment["YUYAN_TEST_ONEDNN"] ?? ""
            #expect("\(version).".hasPrefix(expected.isEmpty ? "" : "\(expected)."))
            #expect(version.split(separator: ".").compactMap { Int($0) }.count == 3)
        }
    }
#endif
