import ArgumentParser
import Yuyan

extension BenchCommand {
    func chosenInference() throws -> [InferenceWorkload] { try chosen(of: InferenceWorkload.all, \.name) }

    func chosenBatchSizes() throws -> [Int]? {
        guard let batchSize else { return nil }
        return try batchSize.split(separator: ",", omittingEmptySubsequences: false).map { text in
            guard let size = Int(text), (1...65536).contains(size) else {
                throw ValidationError("--batch-size must be whole numbers of 1 to 65536 with commas, not '\(text)'.")
            }
            return size
        }
    }

    func measureInference() throws {
        let workloads = try chosenInference()
        let batchSizes = try chosenBatchSizes() ?? InferenceWorkload.defaultBatchSizes
        try report(time: "ms", numbers: InferenceNumbers.init) { add in
            for workload in workloads {
                let network = workload.makeNetwork()
                for size in batchSizes {
                    add(StepTiming.measure(workload, network, batchSize: size, seconds: seconds ?? 1.5))
                }
            }
        }
    }
}
