/// A short list that needs no memory of its own for up to three elements, as most operations have.
package struct Few<Element>: RandomAccessCollection {
    private var head: Element?
    private var second: Element?
    private var third: Element?
    private var rest: [Element] = []
    package private(set) var count = 0

    @inlinable package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package init() {}

    @inline(__always)
    package init(_ a: Element) {
        head = a
        count = 1
    }

    @inline(__always)
    package init(_ a: Element, _ b: Element) {
        (head, second) = (a, b)
        count = 2
    }

    @inline(__always)
    package init(_ a: Element, _ b: Element, _ c: Element) {
        (head, second, third) = (a, b, c)
        count = 3
    }

    package init(contentsOf elements: some Sequence<Element>) {
        for element in elements { append(element) }
    }

    package init(repeating element: Element, count: Int) {
        for _ in 0..<count { append(element) }
    }

    @inline(__always)
    package mutating func append(_ element: Element) {
        switch count {
        case 0: head = element
        case 1: second = element
        case 2: third = element
        default: rest.append(element)
        }
        count += 1
    }

    @inline(__always)
    package subscript(position: Int) -> Element {
        get {
            precondition(position >= 0 && position < count)
            return switch position {
            case 0: head!
            case 1: second!
            case 2: third!
            default: rest[position - 3]
            }
        }
        set {
            precondition(position >= 0 && position < count)
            switch position {
            case 0: head = newValue
            case 1: second = newValue
            case 2: third = newValue
            default: rest[position - 3] = newValue
            }
        }
    }

    @inline(__always)
    package func map<Result>(_ body: (Element) throws -> Result) rethrows -> Few<Result> {
        var results = Few<Result>()
        for position in 0..<count { results.append(try body(self[position])) }
        return results
    }
}

extension Few: Sendable where Element: Sendable {}
