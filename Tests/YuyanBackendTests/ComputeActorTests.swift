#if OneDNN
    import Foundation
    import Testing
    import YuyanBackend

    @Suite struct ComputeActorTests {
        /// The kernel's name of the calling thread. (`pthread_self` counts as constant to the optimizer.)
        @ComputeActor private static func thread() throws -> String {
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        }

        /// Adds ones to a million elements, in parallel where there are cores.
        @ComputeActor private static func compute(_ value: Double) throws -> (sum: Float, thread: String) {
            let x = cpu.binary(.add, cpu.full([1_000_000], .float32, value), cpu.full([1_000_000], .float32, 1))
            return (cpu.elements(x, as: Float.self)[999_999], try thread())
        }

        @Test func allTasksComputeOnOneThread() async throws {
            let first = try await Self.thread()
            try await withThrowingTaskGroup(of: (Double, Float, String).self) { group in
                for value in 0..<20 {
                    group.addTask {
                        let result = try await Self.compute(Double(value))
                        return (Double(value), result.sum, result.thread)
                    }
                }
                for try await (value, sum, thread) in group {
                    #expect(sum == Float(value) + 1)
                    #expect(thread == first)
                }
            }
        }
    }
#endif
