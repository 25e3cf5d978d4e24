import Foundation
import Testing
import YuyanBackend
import YuyanCore

/// Calls with random operations, shapes, views, element types and values, equal on the device under test and on the
/// reference device.
///
///     YUYAN_RANDOM_CALLS=100000 YUYAN_RANDOM_SEED=7      how many calls, and which
///     YUYAN_RANDOM_NUMBER=4711                           one number alone, as a failure names it
///     YUYAN_RANDOM_FIRST=5000                            the first number
///     YUYAN_RANDOM_TRACE=1                               prints each call before it is computed
@Suite(.enabled(if: Device.current == .cpu)) struct RandomCallsTests {
    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment["YUYAN_RANDOM_\(name)"].flatMap { Int($0) }
    }

    @Test func agreeWithReference() {
        let seed = UInt64(RandomCallsTests.setting("SEED") ?? 1)
        var calls = RandomCalls(seed: seed, tested: .current)
        if RandomCallsTests.setting("TRACE") == 1 { calls.willCompute = { print($0) } }
        if let number = RandomCallsTests.setting("NUMBER") {
            if let difference = calls.run(number).difference { Issue.record("\(difference)") }
            return
        }
        // In release about 10 s on one core.
        let wanted = RandomCallsTests.setting("CALLS") ?? 10_000
        var (count, number, failures) = (0, RandomCallsTests.setting("FIRST") ?? 0, 0)
        while count < wanted && failures < 20 {
            let (calls, difference) = calls.run(number)
            count += calls
            number += 1
            if let difference {
                failures += 1
                Issue.record("\(difference)")
            }
        }
        if RandomCallsTests.setting("CALLS") != nil {
            print(
                "\(count) calls of seed \(seed): \(calls.counts.count) operations, \(calls.gradientCount) with gradients, "
                    + "\(calls.chainedCount) with the result before, \(calls.blockedCount) with blocks of channels")
        }
    }

    /// Without it a new operation would never be drawn.
    @Test func coverTheCatalogue() {
        let covered = Set(RandomOperation.all.flatMap(\.entries))
        let named = Set(Catalogue.entries.map(\.name))
        let isPublic = Set(Catalogue.entries.filter { !$0.swift.isEmpty }.map(\.name))
        #expect(isPublic.subtracting(covered) == Set(RandomOperation.left.keys))
        #expect(covered.isSubset(of: named))
    }

    @Test func aNumberGivesTheSameCallsAgain() {
        func titles(_ seed: UInt64) -> [String] {
            var titles: [String] = []
            var calls = RandomCalls(seed: seed, tested: .reference)
            // Operands are described, not computed with.
            calls.apply = { $0.apply($1) }
            calls.willCompute = { titles.append($0) }
            for number in 0..<20 { _ = calls.run(number) }
            return titles
        }
        let first = titles(5)
        #expect(first == titles(5))
        #expect(first.count >= 20 && Set(first).count == first.count)
        #expect(first != titles(6))
    }

    /// A device on which each operation is wrong in one element.
    @Test func findFaults() {
        for operation in RandomOperation.all {
            var calls = RandomCalls(seed: 3, tested: .reference)
            calls.table = [operation]
            calls.apply = { call, x in
                call.apply(x).map { y in
                    guard y.elementCount > 0 else { return y }
                    var bytes = y.detached().hostArray.bytes
                    // The exponent, or the least bit of a whole number.
                    let place = bytes.count - (y.dtype.isFloatingPoint ? 1 : y.dtype.byteCount)
                    bytes[place] ^= y.dtype.isFloatingPoint ? 8 : 1
                    return Tensor(HostArray(bytes: bytes, shape: y.shape, dtype: y.dtype))
                }
            }
            let isFound = (0..<20).contains { calls.run($0).difference != nil }
            #expect(isFound, "a fault in \(operation.name) is not found")
        }
    }

    @Test func drawLayoutsViewsAndSizes() {
        var calls = RandomCalls(seed: 11, tested: .current)
        for number in 0..<400 { _ = calls.run(number) }
        #expect(calls.blockedCount > 5)
        #expect(calls.chainedCount > 50)
        #expect(calls.gradientCount > 50)
    }
}
