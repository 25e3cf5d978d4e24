import Foundation
import YuyanCore
import YuyanData
import YuyanNN

/// All that is needed to continue a training to the bit, in one safetensors file: one, so that it is whole or absent.
///
/// The tensors are the module's state as `model.…`, the optimizer's as `optimizer.…`, and those of callbacks as
/// `callback.<name>.…`. Everything else is JSON in the metadata entry `yuyan_checkpoint`.
public struct Checkpoint {
    /// The version of this form of file; others are refused.
    public static let currentFormatVersion = 2

    /// What a checkpoint holds beside tensors.
    public struct State: Sendable, Equatable, Codable {
        /// The version of this form of file.
        public var formatVersion = Checkpoint.currentFormatVersion
        /// Where the training stood.
        public var trainer: Trainer.State
        /// The optimizer's learning rates and so on.
        public var optimizer: [String: Double]
        /// Whose state it is, such as "Adam"; nil in checkpoints of older versions.
        public var optimizerName: String?
        /// Which implementations computed convolutions: they differ in the last bits.
        public var kernelChoices: KernelChoices
        /// Numbers of callbacks, by the callbacks' names.
        public var callbacks: [String: [String: Double]]
        /// Of the run, if the training belongs to one.
        public var configuration: RunConfiguration?
    }

    /// All but the tensors.
    public var state: State
    /// With the prefixes that the type's documentation lists.
    public var tensors: [String: Tensor]

    static let metadataKey = "yuyan_checkpoint"
    private static let (modelPrefix, optimizerPrefix, callbackPrefix) = ("model.", "optimizer.", "callback.")

    /// What a trainer must keep now.
    public init(_ trainer: Trainer, configuration: RunConfiguration? = nil) {
        let optimizer = trainer.optimizer.savedState()
        state = State(
            trainer: trainer.state, optimizer: optimizer.numbers, optimizerName: optimizer.owner,
            kernelChoices: .current, callbacks: [:],
            configuration: configuration)
        tensors = [:]
        func add(_ part: [String: Tensor], _ prefix: String) {
            for (name, tensor) in part { tensors[prefix + name] = tensor }
        }
        add(trainer.module.stateDictionary(), Checkpoint.modelPrefix)
        add(optimizer.tensors, Checkpoint.optimizerPrefix)
        for callback in trainer.resumableCallbacks {
            let saved = callback.savedState()
            state.callbacks[callback.stateName] = saved.numbers
            add(saved.tensors, "\(Checkpoint.callbackPrefix)\(callback.stateName).")
        }
    }

    /// Reads a file. Tensors are made on the current device.
    ///
    /// - Throws: `DataError` if it cannot be read, is no checkpoint, has another format version, or holds a
    ///   floating-point number that is infinite or not a number.
    public init(from url: URL) throws(DataError) {
        let contents = try Safetensors.read(from: url)
        guard let text = contents.metadata[Checkpoint.metadataKey]?.utf8 else {
            throw DataError(path: url.path, reason: "is no checkpoint: it holds tensors and no state of a training")
        }
        state = try JSONText.decoded(
            State.self, text, version: Checkpoint.currentFormatVersion, path: url.path, called: "checkpoint")
        tensors = [:]
        for (name, array) in contents.arrays { tensors[name] = Tensor(array) }
        if let name = nonFiniteTensor {
            throw DataError(path: url.path, reason: "tensor \(name) holds NaN or infinity")
        }
    }

    /// Writes the file, whole or not at all, and waits until the disk has it. The same state gives the same bytes.
    public func write(to url: URL) throws(DataError) {
        let text: Data
        do { text = try JSONText.encoded(state) } catch { failure("checkpoint: \(error)") }
        try Safetensors.save(
            tensors.map { ($0.key, $0.value) },
            metadata: [Checkpoint.metadataKey: String(decoding: text, as: UTF8.self)], to: url)
    }

    /// The first tensor, by name, with an element that is infinite or not a number.
    public var nonFiniteTensor: String? {
        // x − x is 0 for finite numbers and NaN for all others.
        tensors.keys.sorted().first { name in
            guard let tensor = tensors[name], tensor.dtype.isFloatingPoint, tensor.elementCount > 0 else {
                return false
            }
            let difference = tensor - tensor
            return !(difference .== difference).all()
        }
    }

    /// The module's state: PyTorch's names and layouts.
    public var model: [String: Tensor] { part(Checkpoint.modelPrefix) }

    /// Puts a trainer into this state.
    ///
    /// - Throws: `StateError` or `TrainerStateError` if the model, optimizer or data are others. The trainer may then be
    ///   half restored, except that a model that does not fit is not changed.
    public func restore(_ trainer: Trainer) throws {
        try trainer.module.load(model)
        try trainer.optimizer.restore(
            SavedState(tensors: part(Checkpoint.optimizerPrefix), numbers: state.optimizer, owner: state.optimizerName))
        for callback in trainer.resumableCallbacks {
            guard let numbers = state.callbacks[callback.stateName] else { continue }
            let own = part("\(Checkpoint.callbackPrefix)\(callback.stateName).")
            try callback.restore(SavedState(tensors: own, numbers: numbers))
        }
        try trainer.restore(state.trainer)
        KernelChoices.restore(state.kernelChoices)
    }

    /// The tensors whose names begin with a prefix, without it.
    private func part(_ prefix: String) -> [String: Tensor] {
        var part: [String: Tensor] = [:]
        for (name, tensor) in tensors where name.hasPrefix(prefix) {
            part[String(name.dropFirst(prefix.count))] = tensor
        }
        return part
    }
}

/// A callback whose state belongs into checkpoints.
public protocol ResumableCallback: TrainerCallback, Resumable {
    /// The name of its state: letters, digits and underscores, different for all callbacks of a trainer.
    var stateName: String { get }
}

extension Trainer {
    fileprivate var resumableCallbacks: [any ResumableCallback] {
        let callbacks = callbacks.compactMap { $0 as? any ResumableCallback }
        guard Set(callbacks.map(\.stateName)).count == callbacks.count else {
            failure("checkpoint: two callbacks share a state name: \(callbacks.map(\.stateName))")
        }
        return callbacks
    }
}
