;; @NAME@: is there enough?
;;
;; The question: two whole numbers of 64 bits, lowest byte first: what there is, and what is wanted.
;; The answer: one such number, 1 when there is enough, else 0. It abstains when asked anything else.
(module
  (memory (export "memory") @PAGES@ @PAGES@)

  (func (export "hanse_skill_abi") (result i32)
    (i32.const 1))

  ;; The host asks where to put so many bytes; 0 says that there is no room for them.
  (func (export "hanse_input") (param $length i32) (result i32)
    (select (i32.const 1024) (i32.const 0) (i32.le_u (local.get $length) (i32.const 512))))

  ;; The answer's place in the upper half and its length in the lower one; a negative number abstains.
  (func $decide (export "decide") (param $at i32) (param $length i32) (result i64)
    (if (i32.ne (local.get $length) (i32.const 16))
      (then (return (i64.const -1))))
    (i64.store (i32.const 2048)
      (i64.extend_i32_u (i64.ge_s (i64.load (local.get $at)) (i64.load offset=8 (local.get $at)))))
    (i64.const 0x0000080000000008))

  ;; 0 when all is in order: a host asks before it relies on a skill.
  (func (export "selfcheck") (result i32)
    (i64.store (i32.const 1024) (i64.const 3))
    (i64.store (i32.const 1032) (i64.const 2))
    (drop (call $decide (i32.const 1024) (i32.const 16)))
    (i64.ne (i64.load (i32.const 2048)) (i64.const 1))))
