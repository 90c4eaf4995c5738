;; @NAME@: prices a trip at its propellant, its hours and its toll, with the mission's margin.
;;
;; A trip is a list of whole numbers of 64 bits, lowest byte first: how many follow, and then these. New ones come
;; at the end, so go by the count and not by a length. Amounts of credits are in micro, shares in parts per million.
;; The answer takes their place: the cost of the trip, and what is asked for each lot.
(module
  (memory (export "memory") @PAGES@ @PAGES@)

  (func (export "hanse_skill_abi") (result i32)
    (i32.const 1))

  ;; The host asks where to put so many bytes; 0 says that there is no room for them.
  (func (export "hanse_input") (param $length i32) (result i32)
    (select (i32.const 1024) (i32.const 0) (i32.le_u (local.get $length) (i32.const 512))))

  ;; Negative when it is too large for 64 bits, or of a negative number.
  (func $product (param $a i64) (param $b i64) (result i64)
    (if (i32.or (i64.lt_s (local.get $a) (i64.const 0)) (i64.lt_s (local.get $b) (i64.const 0)))
      (then (return (i64.const -1))))
    (if (i64.eqz (local.get $b))
      (then (return (i64.const 0))))
    (if (i64.gt_s (local.get $a) (i64.div_s (i64.const 0x7fffffffffffffff) (local.get $b)))
      (then (return (i64.const -1))))
    (i64.mul (local.get $a) (local.get $b)))

  ;; 1 when there is a price, 0 to abstain: the machine then makes no offer.
  (func $bid (export "bid") (param $trip i32) (result i32)
    (local $cost i64) (local $all i64) (local $hours i64) (local $margin i64) (local $quantity i64)
    (local.set $quantity (i64.load offset=8 (local.get $trip)))
    (if (i32.or
          (i32.or (i64.lt_s (i64.load (local.get $trip)) (i64.const 14))
            (i64.le_s (local.get $quantity) (i64.const 0)))
          (i32.or (i64.le_s (i64.load offset=16 (local.get $trip)) (i64.const 0))
            (i64.lt_s (i64.load offset=80 (local.get $trip)) (i64.const 0))))
      (then (return (i32.const 0))))

    ;; Propellant at its price a tonne, minutes at the price of an hour, and the toll.
    (local.set $cost
      (call $product (i64.load offset=32 (local.get $trip)) (i64.load offset=24 (local.get $trip))))
    (local.set $hours
      (call $product (i64.load offset=72 (local.get $trip)) (i64.load offset=64 (local.get $trip))))
    (if (i32.or (i64.lt_s (local.get $cost) (i64.const 0)) (i64.lt_s (local.get $hours) (i64.const 0)))
      (then (return (i32.const 0))))
    (local.set $cost
      (i64.add
        (i64.add (i64.div_s (local.get $cost) (i64.const 1000000)) (i64.div_s (local.get $hours) (i64.const 60)))
        (i64.load offset=80 (local.get $trip))))

    ;; The margin on it, and the part of it that is a lot's.
    (local.set $margin (call $product (local.get $cost) (i64.load offset=112 (local.get $trip))))
    (if (i64.lt_s (local.get $margin) (i64.const 0))
      (then (return (i32.const 0))))
    (local.set $all
      (call $product
        (i64.add (local.get $cost) (i64.div_s (local.get $margin) (i64.const 1000000)))
        (i64.load offset=16 (local.get $trip))))
    (if (i64.lt_s (local.get $all) (i64.const 0))
      (then (return (i32.const 0))))

    ;; Rounded up, so that what is asked for a lot covers what is asked for all.
    (i64.store (local.get $trip) (local.get $cost))
    (i64.store offset=8 (local.get $trip)
      (i64.add
        (i64.div_s (local.get $all) (local.get $quantity))
        (i64.extend_i32_u (i64.ne (i64.rem_s (local.get $all) (local.get $quantity)) (i64.const 0)))))
    (i32.const 1))

  ;; 0 when all is in order: a host asks before it relies on a skill.
  (func (export "selfcheck") (result i32)
    (i64.store (i32.const 1024) (i64.const 14))
    (i64.store (i32.const 1032) (i64.const 4))
    (i64.store (i32.const 1040) (i64.const 2))
    (i64.store (i32.const 1088) (i64.const 60))
    (i64.store (i32.const 1096) (i64.const 10))
    (drop (call $bid (i32.const 1024)))
    (i32.or (i64.ne (i64.load (i32.const 1024)) (i64.const 10))
      (i64.ne (i64.load (i32.const 1032)) (i64.const 5)))))
