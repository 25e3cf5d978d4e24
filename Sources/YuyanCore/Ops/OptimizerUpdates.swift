import YuyanBackend

/// What an optimizer keeps of a parameter from step to step.
package struct ParameterState {
    /// In the order of `UpdateKind.stateNames`.
    package var tensors: [Tensor]
    /// The steps that the parameter has taken.
    package var stepCount: Int

    package init(tensors: [Tensor], stepCount: Int) {
        self.tensors = tensors
        self.stepCount = stepCount
    }
}

/// One step of an optimizer for many parameters at once, in place.
///
/// Parameters are collected with `add`, and changed together by `apply`.
package struct ParameterUpdates {
    private let kind: UpdateKind
    private let options: UpdateOptions
    private var table: [ParameterUpdate] = []
    /// That of the first parameter. Parameters of one model are nearly always on one device.
    private var device: Device?
    private var isOnOneDevice = true

    /// - Parameter capacity: the number of parameters that are expected.
    package init(_ kind: UpdateKind, _ options: UpdateOptions, capacity: Int) {
        self.kind = kind
        self.options = options
        table.reserveCapacity(capacity)
    }

    /// Whether parameters are added with their states: always, but for gradient descent without momentum.
    package var hasState: Bool { kind != .gradientDescent || options.decay != 0 }

    /// Adds a parameter for a rule without state. Without a gradient the parameter stays as it is. Traps unless the
    /// gradient has the parameter's shape, element type and device: it is read as such.
    package mutating func add(_ parameter: Parameter) {
        guard let gradient = parameter.gradient else { return }
        let (value, shadow) = elements(of: parameter, gradient)
        append(ParameterUpdate(value, gradient.buffer, shadow: shadow))
    }

    /// The same for a rule with states, which are made at the parameter's first step and must have its form, too.
    package mutating func add(_ parameter: Parameter, state: inout ParameterState?) {
        guard let gradient = parameter.gradient else { return }
        let (buffer, shadow) = elements(of: parameter, gradient)
        let value = Tensor(buffer)
        let names = kind.stateNames
        var own = state.take() ?? ParameterState(tensors: names.map { _ in .zeros(like: value) }, stepCount: 0)
        for (index, name) in names.enumerated() {
            if !own.tensors[index].hasForm(of: value) {
                ParameterUpdates.refuseState(name, own.tensors[index], parameter)
            }
            own.tensors[index].makeUnique()
        }
        own.stepCount += 1
        append(
            ParameterUpdate(
                buffer, gradient.buffer, first: own.tensors[0].buffer,
                second: names.count > 1 ? own.tensors[1].buffer : nil, shadow: shadow, step: own.stepCount))
        state = own
    }

    /// The parameter's elements and its shadow, to be changed in place.
    @inline(__always)
    private func elements(of parameter: Parameter, _ gradient: Tensor) -> (DeviceBuffer, shadow: DeviceBuffer?) {
        let shadow = parameter.takeShadow()
        let value = parameter.uniqueBuffer()
        if let shadow { parameter.putShadow(shadow) }
        let g = gradient.buffer
        if g.dtype != value.dtype || g.device != value.device || g.shape != value.shape {
            ParameterUpdates.refuseGradient(gradient, parameter)
        }
        return (value, shadow)
    }

    /// Inlined, or the row is copied.
    @inline(__always)
    private mutating func append(_ row: ParameterUpdate) {
        let other = row.parameter.device
        if let device { isOnOneDevice = isOnOneDevice && device == other } else { device = other }
        table.append(row)
    }

    @inline(never)
    private static func refuseGradient(_ gradient: Tensor, _ parameter: Parameter) -> Never {
        refuse(
            "a gradient", "gradient", gradient, parameter,
            hint: "its value was replaced after backward(): call zeroGradients() and backward() again")
    }

    @inline(never)
    private static func refuseState(_ name: String, _ state: Tensor, _ parameter: Parameter) -> Never {
        refuse(
            "the optimizer's state", name, state, parameter,
            hint:
                "its value was replaced after the last step: make a new optimizer, or restore(savedState()) to convert it"
        )
    }

    private static func refuse(
        _ what: String, _ name: String, _ tensor: Tensor, _ parameter: Parameter, hint: String
    ) -> Never {
        shapeFailure(
            .ofForms(
                "step", "\(what) must have its parameter's shape, element type and device", parameter.title,
                parameter.value, name, tensor, hint: hint), #fileID, #line)
    }

    package func apply() {
        guard let device else { return }
        if isOnOneDevice {
            device.backend.update(kind, table, options)
        } else {
            for row in table { row.parameter.device.backend.update(kind, [row], options) }
        }
    }
}
