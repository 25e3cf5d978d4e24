import Foundation
import Yuyan

/// Runs labs, one after the other.
package struct LabRunner {
    package var seed: UInt64 = 0
    package var isQuick = false
    /// Where to compute; nil is where the lab says.
    package var device: Device?
    package var language = Language.english
    /// Holds a folder for each lab; nil keeps nothing.
    package var folder: LabFolder?

    package init() {}

    /// Where a lab computes.
    func device(for lab: Lab) -> Device { device ?? (lab.machine == .reference ? .reference : .best) }

    /// What a result must agree in to stand for a run of this lab.
    func key(for lab: Lab) -> LabResult.Key {
        LabResult.Key(seed: seed, isQuick: isQuick, device: "\(device(for: lab))", version: currentYuyanVersion)
    }

    /// - Parameter onEntry: is given what the lab writes at once, figures in the runner's language.
    /// - Throws: what the lab throws: that its data are missing, for example.
    package func run(_ lab: Lab, onEntry: @escaping (Notebook.Entry, Figure?) -> Void = { _, _ in }) throws -> LabResult
    {
        let figures = try folder?.prepare(lab)
        let notebook = Notebook(
            lab, seed: seed, isQuick: isQuick, language: language, folder: figures, onEntry: onEntry)
        let device = device(for: lab)
        let start = ContinuousClock.now
        try withDevice(device) {
            try withSeed(seed) { try lab.body(notebook) }
        }
        let result = LabResult(
            id: lab.id, seed: seed, isQuick: isQuick, device: "\(device)", processor: Machine.current.processor,
            version: currentYuyanVersion, checks: notebook.checks, entries: notebook.entries,
            duration: (ContinuousClock.now - start) / .seconds(1))
        try folder?.write(result)
        return result
    }
}
