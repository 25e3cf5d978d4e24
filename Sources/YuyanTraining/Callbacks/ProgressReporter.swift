/// Shows training as a table that grows by a line for each epoch. Where somebody watches, a bar below it shows the
/// running means of the epoch, samples a second and the time left for all epochs; it is redrawn ten times a second.
public final class ProgressReporter: TrainerCallback {
    private let terminal: Terminal
    private var table: EpochTable?
    private let clock = ContinuousClock()
    private var trainingStart: ContinuousClock.Instant
    private var epochStart: ContinuousClock.Instant
    private var nextDrawing: ContinuousClock.Instant
    private var epochsBefore = 0

    private static let interval = Duration.milliseconds(100)

    public init(_ terminal: Terminal = .standardOutput) {
        self.terminal = terminal
        trainingStart = clock.now
        epochStart = trainingStart
        nextDrawing = trainingStart
    }

    public func trainingWillBegin(_ trainer: Trainer) {
        let table = EpochTable(trainer)
        self.table = table
        trainingStart = clock.now
        epochsBefore = trainer.records.count
        terminal.write(terminal.bold(table.header) + "\n")
    }

    public func epochWillBegin(_ trainer: Trainer) { epochStart = clock.now }

    public func stepDidEnd(_ trainer: Trainer) {
        guard terminal.isInteractive else { return }
        let now = clock.now
        // The last step is shown always: validation follows, during which the bar stands still.
        guard now >= nextDrawing || trainer.step == trainer.stepsPerEpoch else { return }
        nextDrawing = now + ProgressReporter.interval
        let steps = trainer.stepsPerEpoch
        let done = Double((trainer.epoch - 1 - epochsBefore) * steps + trainer.step)
        let all = Double((trainer.epochCount - epochsBefore) * steps)
        let line = ProgressLine(
            epoch: trainer.epoch, epochCount: trainer.epochCount, fraction: Double(trainer.step) / Double(steps),
            loss: trainer.meanLoss, accuracy: trainer.meanAccuracy,
            samplesPerSecond: Double(trainer.losses.sampleCount) / (now - epochStart).seconds,
            secondsLeft: (now - trainingStart).seconds * (all - done) / done)
        terminal.redraw(line.text(width: terminal.width, terminal))
    }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) {
        if terminal.isInteractive { terminal.eraseLine() }
        if let table { terminal.write(table.line(record) + "\n") }
    }
}

/// What the bar shows.
package struct ProgressLine {
    let epoch: Int
    let epochCount: Int
    /// How much of the epoch is done, 0...1.
    let fraction: Double
    let loss: Double
    let accuracy: Double?
    let samplesPerSecond: Double
    let secondsLeft: Double

    package init(
        epoch: Int, epochCount: Int, fraction: Double, loss: Double, accuracy: Double?, samplesPerSecond: Double,
        secondsLeft: Double
    ) {
        self.epoch = epoch
        self.epochCount = epochCount
        self.fraction = fraction
        self.loss = loss
        self.accuracy = accuracy
        self.samplesPerSecond = samplesPerSecond
        self.secondsLeft = secondsLeft
    }

    /// One line shorter than `width` characters. Where all does not fit, the last numbers are left out.
    package func text(width: Int, _ terminal: Terminal) -> String {
        let number = "\(epoch)"
        let padding = String(repeating: " ", count: max("\(epochCount)".count - number.count, 0))
        let title = "epoch \(padding)\(number)/\(epochCount)"
        var parts = ["loss \(NumberText.decimal(loss))"]
        if let accuracy { parts.append("acc \(NumberText.decimal(accuracy))") }
        // Time left before the rate: the latter goes first where room is short.
        parts.append("\(NumberText.duration(secondsLeft.rounded(.up), isWhole: true)) left")
        parts.append("\(NumberText.grouped(Int(samplesPerSecond))) samples/s")
        let smallestBar = 8
        func room() -> Int { width - 1 - title.count - 4 - parts.joined(separator: "  ").count }
        while parts.count > 1, room() < smallestBar { parts.removeLast() }
        let barWidth = min(room(), 40)
        guard barWidth >= smallestBar else { return String("\(title)  \(parts[0])".prefix(max(width - 1, 0))) }
        return "\(title)  \(bar(barWidth, terminal))  \(parts.joined(separator: "  "))"
    }

    private func bar(_ width: Int, _ terminal: Terminal) -> String {
        let full = min(Int(fraction * Double(width)), width)
        let done = String(repeating: terminal.usesUnicode ? "━" : "=", count: full)
        let rest = String(repeating: terminal.usesUnicode ? "─" : "-", count: width - full)
        return terminal.green(done) + terminal.dim(rest)
    }
}
