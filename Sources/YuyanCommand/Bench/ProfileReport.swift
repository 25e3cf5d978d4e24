import Foundation
import Yuyan

/// What `yuyan bench --profile` shows: the layers that cost most, all layers kernel by kernel, and the phases of a step.
struct ProfileReport {
    private let recipe: Recipe
    private let batchSize: Int
    private let limits: MachineLimits
    private let profile: StepProfile
    private let terminal = Terminal.standardOutput

    init(_ recipe: Recipe, batchSize: Int, seconds: Double, _ limits: MachineLimits) throws {
        (self.recipe, self.batchSize, self.limits) = (recipe, batchSize, limits)
        let network = recipe.initializedModel()
        let batches = try recipe.makeBatches(
            Recipe.DataSettings(
                folder: nil, batchSize: batchSize, limit: nil, imageSize: recipe.imageSize,
                validationFraction: 0, workerCount: 0, seed: 0),
            [.train])
        let loss = recipe.loss
        profile = StepProfile(
            batches[.train], SGD(network.parameters(), learningRate: recipe.learningRate), seconds: seconds
        ) {
            StepResult(loss: loss(network($0.0), $0.1), sampleCount: $0.0.count)
        }
    }

    func write(trace: URL) throws {
        let threads = ComputeThreads.count
        let device =
            threads == 1
            ? localized("\(Device.current), 1 thread") : localized("\(Device.current), \(threads) threads")
        let precision = Precision.current
        let place = precision == .float32 ? device : device + localized(", ") + precision.rawValue
        terminal.write(localized("\(recipe.name), batches of \(batchSize), on \(place)") + "\n")
        writeCostliest()
        writeRemarks()
        writeLayers()
        writePhases()
        try ChromeTrace(profile.trace, model: recipe.name).write(to: trace)
        terminal.write("\n" + localized("trace  \(trace.path), for chrome://tracing or ui.perfetto.dev") + "\n")
    }

    // MARK: The layers that cost most

    private static let costliestCount = 10

    private func writeCostliest() {
        let layers = profile.layers.sorted { $0.kernels.seconds > $1.kernels.seconds }
        let table = TextTable([
            .init(localized("costliest layers"), isNumber: false, width: 30), .init(localized("forward"), width: 8),
            .init(localized("backward"), width: 8), .init(localized("share"), width: 7), .init("GFLOP/s", width: 7),
            .init(localized("of peak"), width: 7),
        ])
        writeTitle(table)
        func write(_ name: String, _ kernels: [StepProfile.Kernel]) {
            func time(_ phase: String) -> String { microseconds(kernels.filter { $0.event.phase == phase }.seconds) }
            terminal.write(
                table.line(
                    [name, time("forward"), time("backward"), percent(kernels.seconds, profile.kernels.seconds)]
                        + rate(kernels.operations, kernels.seconds)) + "\n")
        }
        for layer in layers.prefix(ProfileReport.costliestCount) { write(shortScope(layer.scope), layer.kernels) }
        let others = layers.dropFirst(ProfileReport.costliestCount)
        if !others.isEmpty { write(localized("\(others.count) others"), others.flatMap(\.kernels)) }
        write(localized("step"), profile.kernels)
    }

    private func writeRemarks() {
        terminal.write("\n")
        write(localized("Times in µs, in kernels only. Peak: the FMA peak above, that of float32."))
        write(localized("GFLOP are the direct algorithm's: Winograd's multiplies less and may pass 100 %."))
        if Precision.current == .bfloat16 {
            write(localized("bfloat16 has faster instructions; its share is still that of float32's peak."))
        }
        let layers = profile.layers.filter { !["data", "loss", "update"].contains($0.scope) }
        let slow = layers.filter { layer in layer.kernels.contains { $0.event.slowPath != nil } }
        if slow.isEmpty {
            write(localized("Every layer has a fast path."))
        } else {
            write(localized("No fast path (see below): \(slow.count) of \(layers.count) layers."))
        }
        let reorders = profile.kernels.flatMap(\.reorders)
        let images = reorders.count { $0.operand == .image }
        let seconds = reorders.reduce(0) { $0 + Double($1.nanoseconds) / 1e9 }
        let share = percent(seconds, profile.kernels.seconds)
        write(
            localized(
                "Copied into another layout: \(images) images, \(reorders.count - images) weights, \(share) of the time."
            ))
    }

    // MARK: All layers

    private func writeLayers() {
        let table = TextTable([
            .init(localized("layer, kernel"), isNumber: false, width: 24),
            .init(localized("computed by"), isNumber: false, width: 20), .init("µs", width: 8),
            .init("GFLOP/s", width: 7), .init(localized("of peak"), width: 7), .init("GB/s", width: 4),
        ])
        writeTitle(table)
        /// A layer's name and share take the first two columns.
        let wide = TextTable([.init("", isNumber: false, width: 46)] + table.columns.dropFirst(2))
        for layer in profile.layers {
            let kernels = layer.kernels
            let share = localized("\(percent(kernels.seconds, profile.kernels.seconds)) of the time")
            let name = DisplayText.padded(shortScope(layer.scope), to: 45 - DisplayText.width(share))
            terminal.write(
                wide.line(
                    ["\(name) \(share)", microseconds(kernels.seconds)] + rate(kernels.operations, kernels.seconds)
                        + [""]) + "\n")
            let slowPaths = Set(kernels.map(\.event.slowPath))
            if slowPaths.count == 1 { write(slowPaths.first ?? nil, indent: 2) }
            for kernel in kernels {
                write(kernel, in: wide)
                if slowPaths.count > 1 { write(kernel.event.slowPath, indent: 4) }
                for reorder in kernel.reorders { write(reorder) }
            }
        }
    }

    private func write(_ kernel: StepProfile.Kernel, in table: TextTable) {
        let name = kernelName(kernel.event)
        let title = "  " + (kernel.count > 1 ? "\(name) ×\(Int(kernel.count))" : name)
        // A long name may take room that the other one leaves.
        var implementation = kernel.event.implementation
        if implementation.count > 20 { implementation.replace("avx512_core_", with: "") }
        terminal.write(
            table.line(
                [DisplayText.padded(title, to: 24) + "  " + implementation, microseconds(kernel.seconds)]
                    + rate(kernel.operations, kernel.seconds)
                    + [String(format: "%.0f", kernel.bytes / kernel.seconds / 1e9)]) + "\n")
    }

    private func write(_ slowPath: ProfileEvent.SlowPath?, indent: Int) {
        guard let slowPath else { return }
        write(localized("no fast path: \(localized(word: slowPath.rawValue))"), indent: indent)
    }

    private func write(_ reorder: Reorder) {
        let (from, to) = (layoutName(reorder.from), layoutName(reorder.to))
        let cost =
            NumberText.bytes(reorder.bytes) + localized(", ") + microseconds(Double(reorder.nanoseconds) / 1e9) + " µs"
        write(
            reorder.operand == .image
                ? localized("copy of \(reorder.shape): \(from) → \(to), \(cost)")
                : localized("copy of weight \(reorder.shape): \(from) → \(to), \(cost)"), indent: 4)
    }

    /// Of a linear layer's products, which they are.
    private func kernelName(_ event: ProfileEvent) -> String {
        var name = event.name
        if name.hasPrefix("matmul"), event.scope.hasSuffix("(Linear)") {
            let gradient = name.hasPrefix("matmul aᵀ") ? "weight gradient" : "input gradient"
            name = event.phase == "backward" ? gradient : name.replacing(" a·bᵀ", with: "")
        }
        // `convolution + relu`
        guard let plus = name.range(of: " + ") else { return localized(word: name) }
        return localized(word: String(name[..<plus.lowerBound])) + name[plus.lowerBound...]
    }

    private func layoutName(_ layout: Reorder.Layout) -> String {
        if case .blocks(let size) = layout { return localized("blocks of \(size)") }
        return localized(word: layout.description)
    }

    // MARK: Phases

    private func writePhases() {
        let total = profile.phaseSeconds.values.reduce(0, +)
        let table = TextTable([
            .init(localized("phase"), isNumber: false, width: 16), .init("µs", width: 9),
            .init(localized("share"), width: 7), .init(localized("in kernels, µs"), width: 14),
            .init(localized("kernels"), width: 7), .init(localized("ns/kernel outside"), width: 17),
        ])
        writeTitle(table)
        func write(_ name: String, _ seconds: Double, _ kernels: [StepProfile.Kernel]) {
            let count = kernels.reduce(0) { $0 + $1.count }
            let outside = count > 0 ? String(format: "%.0f", max(seconds - kernels.seconds, 0) / count * 1e9) : ""
            terminal.write(
                table.line([
                    localized(word: name), microseconds(seconds), percent(seconds, total),
                    microseconds(kernels.seconds),
                    String(format: "%.0f", count), outside,
                ]) + "\n")
        }
        for phase in StepProfile.phases {
            write(phase, profile.phaseSeconds[phase] ?? 0, profile.kernels.filter { $0.event.phase == phase })
        }
        write("step", total, profile.kernels)
    }

    // MARK: Texts

    private func writeTitle(_ table: TextTable) { terminal.write("\n" + terminal.bold(table.header) + "\n") }

    /// A line, or several of words that fit.
    private func write(_ text: String, indent: Int = 0) {
        let words = text.split(separator: " ").map(String.init)
        terminal.write(String(repeating: " ", count: indent) + terminal.wrapped(words, indent: indent) + "\n")
    }

    private func microseconds(_ seconds: Double) -> String {
        String(format: seconds < 1e-4 ? "%.2f" : "%.0f", seconds * 1e6)
    }

    private func percent(_ part: Double, _ whole: Double) -> String {
        String(format: "%.1f %%", whole > 0 ? part / whole * 100 : 0)
    }

    /// GFLOP/s, and their share of the peak; empty where nothing is computed.
    private func rate(_ operations: Double, _ seconds: Double) -> [String] {
        guard operations > 0, seconds > 0 else { return ["", ""] }
        let rate = operations / seconds
        return [
            String(format: "%.1f", rate / 1e9), String(format: "%.0f %%", rate / limits.operationsPerSecond * 100),
        ]
    }

    /// The path without the model's own class: `3 (Conv2D)`.
    private func shortScope(_ scope: String) -> String {
        guard scope.contains("("), let dot = scope.firstIndex(of: ".") else {
            return localized(word: scope.isEmpty ? "other" : scope)
        }
        return String(scope[scope.index(after: dot)...])
    }
}

extension [StepProfile.Kernel] {
    /// In a step.
    fileprivate var seconds: Double { reduce(0) { $0 + $1.seconds } }
    fileprivate var operations: Double { reduce(0) { $0 + $1.operations } }
}
